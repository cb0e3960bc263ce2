package wrapper_test

import (
	"context"
	"fmt"
	"os"

	"github.com/feign-build/feign/wrapper"
)

// A hermetic action is told who it is and what it may see, and nothing else.
func Example() {
	cfg, err := wrapper.ParseConfig("feign.toml", []byte(`
[action]
command = ["make", "install"]
env     = {DESTDIR = "root"}

[manifest]
path = "out.mtree.zst"
root = "root"
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := cfg.Set("hermetic.network=loopback"); err != nil {
		fmt.Println(err)
		return
	}
	plan, err := cfg.Plan(wrapper.Caller{Dir: "/src", Env: []string{"HOME=/home/me"}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan.Argv, plan.Network, plan.Manifest.Path)
	for _, v := range plan.Env {
		fmt.Println(v)
	}
	// Output:
	// [make install] loopback /src/out.mtree.zst
	// DESTDIR=root
	// HOME=/nonexistent
	// LC_ALL=C.UTF-8
	// PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	// SOURCE_DATE_EPOCH=315532800
	// TMPDIR=/tmp
	// TZ=UTC
}

// What a misspelt key is answered.
func ExampleParseConfig() {
	_, err := wrapper.ParseConfig("feign.toml", []byte("[hermetic]\nnetwrok = \"deny\"\n"))
	fmt.Println(err)
	// Output:
	// feign.toml:2: hermetic.netwrok: unknown key (did you mean "hermetic.network"?)
}

// The program feign run, in short.
func ExampleRun() {
	caller, err := wrapper.CallerFromOS()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(wrapper.ErrorStatus(err))
	}
	plan, err := wrapper.Defaults().Plan(caller, []string{"sh", "-c", "id -u; chown 33:33 file"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(wrapper.ErrorStatus(err))
	}
	status, err := wrapper.Run(context.Background(), plan, wrapper.RunOptions{
		Log: func(m wrapper.Message) { fmt.Fprintln(os.Stderr, m) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = wrapper.ErrorStatus(err)
	}
	os.Exit(status)
}
