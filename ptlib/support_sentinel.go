//go:build !linux || !(386 || amd64 || arm64 || riscv64)

// This file exists to stop a build for a platform that ptlib has not been ported to, with a sentence that says so. See
// docs/PORTING.md for what a port is.
package your_operating_system_or_processor_is_not_supported_by_ptlib
