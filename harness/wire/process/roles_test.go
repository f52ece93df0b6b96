package process_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// The test binary plays the programs, too: PROCESS_TEST_ROLE says which.
const roleVar = "PROCESS_TEST_ROLE"

// A program built with -race sleeps a second before it exits, unless told not to.
const noExitSleep = "GORACE=atexit_sleep_ms=0"

var roles = map[string]func(){
	"polite":   polite,
	"stubborn": stubborn,
	"hangsUp":  hangsUp,
	"witness":  witness,
	"family":   family,
	"middle":   middle,
	"flood":    flood,
	"endless":  endless,
	"chatter":  chatter,
	"environ":  func() { fmt.Println(strings.Join(os.Environ(), "\n")) },
	"failing":  func() { os.Exit(3) },
}

func TestMain(m *testing.M) {
	if role, ok := os.LookupEnv(roleVar); ok {
		roles[role]()
		return
	}
	goleak.VerifyTestMain(m)
}

func as(role string, env ...string) process.Command {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return process.Command{Path: self, Env: append(env, roleVar+"="+role, noExitSleep)}
}

// polite stops when it is asked to, in the way of the system.
func polite() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(ended) }()
	fmt.Println("ready")
	select {
	case <-asked:
	case <-ended:
	}
	fmt.Println("bye")
}

// stubborn cannot be talked to.
func stubborn() {
	signal.Ignore(syscall.SIGTERM)
	fmt.Println("ready")
	<-make(chan os.Signal)
}

// hangsUp ends at SIGHUP, even where nohup let it inherit that this is ignored.
func hangsUp() {
	signal.Ignore(syscall.SIGTERM)
	hungUp := make(chan os.Signal, 1)
	signal.Notify(hungUp, syscall.SIGHUP)
	fmt.Println("ready")
	<-hungUp
	os.Exit(7)
}

// witness connects to the test, says its pid and echoes lines. Its connection
// ends when it dies, and not before: no signal but SIGKILL ends it, and only
// with STOP_ON_EOF does the end of its input.
func witness() {
	signal.Ignore(syscall.SIGTERM)
	conn, err := net.Dial("tcp", os.Getenv("WITNESS_ADDR"))
	if err != nil {
		panic(err)
	}
	if os.Getenv("STOP_ON_EOF") == "true" {
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(0) }()
	}
	fmt.Fprintln(conn, os.Getpid())
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		fmt.Fprintln(conn, lines.Text())
	}
	<-make(chan os.Signal) // the test hung up first: outlive that, too
}

// family starts a witness of its own, in its own group, and waits.
func family() {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), roleVar+"=witness")
	c.Stdout = os.Stdout // and so keeps our output open
	if os.Getenv("CHILD_LEAVES_GROUP") != "" {
		c.SysProcAttr = leaveGroup()
	}
	if os.Getenv("CHILD_IS_UNMARKED") != "" { // as one whose title stands where its environment was
		c.Env = slices.DeleteFunc(c.Env, func(pair string) bool { return strings.HasPrefix(pair, "UNHAPPY_DESCENT=") })
	}
	if err := c.Start(); err != nil {
		panic(err)
	}
	<-make(chan os.Signal)
}

// middle stands for a test run that is killed: it starts a witness as we do.
func middle() {
	if _, err := process.Start(as("witness", os.Environ()...)); err != nil {
		panic(err)
	}
	<-make(chan os.Signal)
}

const floodLine, floodBytes = 1000, 100 << 20

// flood prints 100 MiB in lines, and 1 MiB more without an end.
func flood() {
	line := []byte(strings.Repeat("x", floodLine-1) + "\n")
	out := bufio.NewWriter(os.Stdout)
	for range floodBytes / floodLine {
		_, _ = out.Write(line)
	}
	_, _ = out.Write([]byte(strings.Repeat("y", 1<<20)))
	_ = out.Flush()
}

// endless prints until it is killed.
func endless() {
	for {
		fmt.Println("still here")
	}
}

const chatterLines = 5000

// chatter prints on both streams.
func chatter() {
	for range chatterLines {
		fmt.Println("out")
		fmt.Fprintln(os.Stderr, "err")
	}
}
