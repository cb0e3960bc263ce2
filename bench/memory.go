//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// peakMemory runs argv, and returns the peak resident memory, in MB, of the
// processes that the faker started for it: those whose name begins with faker.
// The action must be over but its root process alive when they are asked, and so
// it waits for its standard input to be closed.
func (b *bench) peakMemory(ctx context.Context, argv []string, faker string) (float64, error) {
	script := len(argv) - 1
	argv[script] += " && echo ready && cat"
	earlier, err := memoryOf(faker)
	if err != nil {
		return 0, err
	}
	cmd := b.command(ctx, argv, false)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	_, readErr := bufio.NewReader(stdout).ReadString('\n')
	now, err := memoryOf(faker)
	stdin.Close()
	if waitErr := cmd.Wait(); waitErr != nil {
		return 0, waitErr
	}
	if readErr != nil {
		return 0, readErr
	}
	if err != nil {
		return 0, err
	}
	kB := 0
	for pid, n := range now {
		if _, ok := earlier[pid]; !ok {
			kB += n
		}
	}
	if kB == 0 {
		return 0, fmt.Errorf("no process named %s* was found", faker)
	}
	return float64(kB) / 1024, nil
}

// memoryOf returns the peak resident memory in kB (VmHWM, proc(5)) of every
// process whose name begins with prefix, by process id.
func memoryOf(prefix string) (map[int]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return nil, err
	}
	peaks := map[int]int{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			continue // it ended meanwhile
		}
		field := map[string]string{}
		for line := range strings.Lines(string(data)) {
			key, value, _ := strings.Cut(line, ":")
			field[key] = strings.TrimSpace(value)
		}
		kB, err := strconv.Atoi(strings.TrimSuffix(field["VmHWM"], " kB"))
		if err != nil || !strings.HasPrefix(field["Name"], prefix) {
			continue // kernel threads and zombies have no memory
		}
		pid, err := strconv.Atoi(field["Pid"])
		if err != nil {
			return nil, fmt.Errorf("%s: Pid: %w", f, err)
		}
		peaks[pid] = kB
	}
	return peaks, nil
}
