internal import CLinux
internal import Glibc

/// A file descriptor that is closed exactly once, when its owner goes.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow the descriptor.
    package let number: Int32

    /// - Parameter number: an open descriptor that no other code will close.
    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        _ = close(number)
    }

    /// Gives the descriptor up without closing it.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }

    /// Another descriptor of the same open file, close-on-exec.
    package borrowing func duplicate() throws(SystemCallError) -> OwnedDescriptor {
        OwnedDescriptor(owning: try check(nestbox_fcntl_dupfd(number), "fcntl(F_DUPFD_CLOEXEC)"))
    }
}

extension Optional where Wrapped == OwnedDescriptor {
    /// The number of a descriptor that is there.
    package var borrowedNumber: Int32? {
        switch self {
        case .some(let descriptor): descriptor.number
        case .none: nil
        }
    }
}
