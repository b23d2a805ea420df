package upkeep

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
)

// SocketPath is where the bot that holds the store at path can be asked. A link
// to the store leads to the same place as the store's own name.
func SocketPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path + ".sock"
}

// maxSocketPath is the longest name of a socket that every system takes: macOS
// has 104 bytes, its end included.
const maxSocketPath = 103

// inReach gives a socket a name that is short enough, by its directory, which
// stays open until done.
func inReach(path string) (name string, done func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("the name is longer than the %d bytes that a socket may have", maxSocketPath)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)), func() { dir.Close() }, nil
}

// listen opens the socket for its user only, in the place of one that a bot left
// behind which was killed: who holds the store's lock is the only bot there is.
func listen(path string) (net.Listener, error) {
	// Made in a directory that nobody else may enter: at no moment can another
	// user reach it.
	private, err := os.MkdirTemp(filepath.Dir(path), ".sock-") // 0700
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(private)
	made := filepath.Join(private, "s")
	name, done, err := inReach(made)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: name, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // it has another name by then
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// dial reaches the bot at the socket.
func dial(path string) (net.Conn, error) {
	name, done, err := inReach(path)
	if err != nil {
		return nil, err
	}
	defer done()
	return net.Dial("unix", name)
}
