package main

import (
	"fmt"

	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper"
)

// stateStop ends the daemon of a state.
func stateStop(c *cli, args []string) (int, error) {
	dir := args[0]
	stopped, err := wrapper.StopDaemon(dir)
	if err != nil {
		return 0, err
	}
	who, err := store.Holder(dir)
	switch {
	case err != nil:
		return 0, err
	case stopped && who == "":
		c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: "the daemon has ended"})
		return 0, nil
	case stopped: // by another one, for those who came meanwhile
		c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: "the daemon has ended, and " + who + " has come after it"})
		return 0, nil
	case who != "":
		return 0, &wrapper.Error{What: "state " + dir, Why: "has no daemon, but is in use by " + who, Hint: "it is free when that ends"}
	}
	c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: "no daemon is running"})
	return 0, nil
}

// stateRecover sets damaged databases aside.
func stateRecover(c *cli, args []string) (int, error) {
	dir := args[0]
	done, err := store.Recover(dir)
	for _, r := range done {
		why := fmt.Sprintf("was damaged (%s); %d records are saved in a new one", r.Why, r.Saved)
		hint := "the old one is " + r.Aside
		if r.Aside == "" {
			hint = ""
		}
		c.message(wrapper.Message{Level: wrapper.LevelWarning, What: r.Path, Why: why, Hint: hint})
	}
	if err == nil && len(done) == 0 {
		c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: "nothing is damaged"})
	}
	return 0, err
}
