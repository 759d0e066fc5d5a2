internal import CLinux
internal import Glibc

/// The C library's words for an errno, after its symbolic name.
package func errnoDescription(_ errno: Int32) -> String {
    // SAFETY: both return static NUL-terminated strings.
    unsafe String(cString: nestbox_errno_name(errno)) + ", " + String(cString: nestbox_errno_description(errno))
}

/// The errno left by the last failed call of this thread.
package var lastErrno: Int32 {
    // SAFETY: __errno_location returns a valid thread-local address for the life of the thread.
    unsafe __errno_location().pointee
}
