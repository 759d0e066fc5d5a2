package import LinuxSystem

/// What a program reads from its standard input.
package enum RunInput: Sendable {
    /// End of file immediately.
    case empty
    case bytes([UInt8])
    /// Whatever comes from an open descriptor, until its end. It may block; it is only read when it is ready.
    case descriptor(SharedDescriptor)
    /// What clients type while the program runs. A program that waits for it asks by `input_request`.
    case live(InputQueue)
}
