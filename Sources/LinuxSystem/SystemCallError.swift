internal import Glibc

/// A system call that failed: which, on what, with which errno.
package struct SystemCallError: Error, Sendable, Equatable, CustomStringConvertible {
    package let call: String
    package let errno: Int32
    /// What the call was about: a path, a file name, a pid. Empty when there is nothing to name.
    package let object: String

    package init(_ call: String, errno: Int32, object: String = "") {
        self.call = call
        self.errno = errno
        self.object = object
    }

    package var description: String {
        "\(call)" + (object.isEmpty ? "" : " \(object)") + ": \(errnoDescription(errno)) (errno \(errno))"
    }
}

/// Turns the `-errno` convention of the C shims into a thrown error.
@discardableResult
package func check(_ result: Int32, _ call: String, _ object: @autoclosure () -> String = "") throws(SystemCallError)
    -> Int32
{
    guard result >= 0 else { throw SystemCallError(call, errno: -result, object: object()) }
    return result
}
