package wrapper

// nearest returns the word of the list that takes the fewest edits to become
// s, or "" when none is near enough to be what was meant. Ties go to the
// earlier word.
func nearest(s string, words []string) string {
	best, bestDist := "", 1+max(2, len(s)/3)
	for _, w := range words {
		if d := levenshtein(s, w); d < bestDist {
			best, bestDist = w, d
		}
	}
	return best
}

// levenshtein returns how many insertions, deletions and substitutions of one
// byte turn a into b.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1) // distances of a[:i] to each b[:j]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			subst := diagonal
			if a[i] != b[j] {
				subst++
			}
			diagonal = row[j+1]
			row[j+1] = min(subst, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// nearestKey returns the known key, as --set spells it, that section.name was
// meant to be, or "". The same name in another section counts as near: people
// remember names better than sections.
func nearestKey(section, name string) string {
	var here []string
	for _, k := range keys {
		if k.section == section {
			here = append(here, k.name)
		}
	}
	if near := nearest(name, here); near != "" {
		return section + "." + near
	}
	for _, k := range keys {
		if k.name == name {
			return k.String()
		}
	}
	return ""
}
