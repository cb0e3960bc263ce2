package wrapper

// RlimitNames are the names of the resource limits, as prlimit(1) spells its
// options, sorted.
var RlimitNames = []string{
	"as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc",
	"rss", "rtprio", "rttime", "sigpending", "stack",
}
