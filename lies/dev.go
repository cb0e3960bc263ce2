package lies

// Makedev makes a device number of its two parts the way Linux does for user space (glibc gnu_dev_makedev); the kernel
// itself takes 12 bits of major and 20 of minor.
func Makedev(major, minor uint32) uint64 {
	ma, mi := uint64(major), uint64(minor)
	return (ma&0xfffff000)<<32 | (ma&0xfff)<<8 | (mi&0xffffff00)<<12 | mi&0xff
}

// Major returns the major number of a device number.
func Major(dev uint64) uint32 { return uint32(dev>>8&0xfff) | uint32(dev>>32)&0xfffff000 }

// Minor returns the minor number of a device number.
func Minor(dev uint64) uint32 { return uint32(dev&0xff) | uint32(dev>>12)&0xffffff00 }
