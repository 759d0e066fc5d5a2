/// One classic BPF instruction (`struct sock_filter`, linux/filter.h).
package struct BPFInstruction: Sendable, Equatable {
    package let code: UInt16
    package var ifTrue: UInt8
    package var ifFalse: UInt8
    package var value: UInt32

    package init(_ code: UInt16, _ value: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        self.code = code
        self.value = value
        self.ifTrue = ifTrue
        self.ifFalse = ifFalse
    }

    /// The eight bytes the kernel reads, little-endian as x86-64 is.
    package var bytes: [UInt8] {
        [
            UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8), ifTrue, ifFalse,
            UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8),
            UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 24),
        ]
    }
}

/// The operations a seccomp filter is made of.
package enum BPFCode {
    /// Load the 32-bit word at a fixed offset of `struct seccomp_data`.
    package static let load: UInt16 = 0x20
    /// Clear the accumulator's bits that are not in the value.
    package static let and: UInt16 = 0x54
    package static let jump: UInt16 = 0x05
    package static let jumpIfEqual: UInt16 = 0x15
    package static let jumpIfNotLess: UInt16 = 0x35
    /// Jump when the accumulator and the value share a bit.
    package static let jumpIfAnyBit: UInt16 = 0x45
    package static let result: UInt16 = 0x06
}

/// What a filter answers (seccomp(2)).
package enum FilterAction: Sendable, Hashable {
    case allow
    case errno(Int32)
    case killProcess
    /// Whoever holds the listener answers.
    case notify

    package var value: UInt32 {
        switch self {
        case .allow: 0x7fff_0000
        case .errno(let number): 0x0005_0000 | UInt32(truncatingIfNeeded: number) & 0xffff
        case .killProcess: 0x8000_0000
        case .notify: 0x7fc0_0000
        }
    }
}
