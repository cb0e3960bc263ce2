package doctor

import (
	"os"
	"runtime"
)

// Collect finds out what there is to know about the machine, the process's surroundings and the directories that an action
// would use: the working directory, the one for temporary files and the home directory. It takes a fraction of a second.
func Collect() *Facts {
	f := &Facts{OS: runtime.GOOS, Arch: runtime.GOARCH, UID: os.Geteuid(), Yama: -1}
	f.collect()
	return f
}
