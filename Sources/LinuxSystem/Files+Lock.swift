internal import CLinux

extension Files {
    /// Locks one byte of a file for as long as the open file lives, whichever process holds duplicates of it.
    /// - Returns: false when another open file holds the byte.
    package static func lockByte(_ offset: Int64, of file: Int32) throws(SystemCallError) -> Bool {
        try check(nestbox_lock_byte(file, offset), "fcntl(F_OFD_SETLK)") == 1
    }
}
