internal import CLinux

/// Terminal windows.
package enum Terminal {
    /// Sets the window size of a terminal; its foreground processes get SIGWINCH.
    package static func resize(_ terminal: Int32, rows: UInt16, columns: UInt16) throws(SystemCallError) {
        try check(nestbox_set_window_size(terminal, rows, columns), "ioctl(TIOCSWINSZ)")
    }

    /// Rows and columns of a terminal; ENOTTY when it is none.
    package static func size(of terminal: Int32) throws(SystemCallError) -> (rows: UInt16, columns: UInt16) {
        let size = nestbox_window_size(terminal)
        guard size >= 0 else { throw SystemCallError("ioctl(TIOCGWINSZ)", errno: Int32(-size)) }
        return (UInt16(size >> 16 & 0xffff), UInt16(size & 0xffff))
    }
}
