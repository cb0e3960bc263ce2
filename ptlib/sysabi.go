package ptlib

// ABIs returns the ABIs that have the call, in the order of their constants.
func (s Sys) ABIs() []ABI {
	var list []ABI
	for abi := ABIAMD64; int(abi) < len(abis); abi++ {
		if nrOf(abi, s) >= 0 {
			list = append(list, abi)
		}
	}
	return list
}
