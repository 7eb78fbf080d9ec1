//go:build unix && !linux && !darwin

package control

// peerUser cannot tell on this system: the directory's and the socket's modes keep others out.
func peerUser(int) (uid int, known bool, err error) { return 0, false, nil }
