/// One of the four channels of Jupyter's messaging protocol; a WebSocket carries all of them.
enum MessageChannel: String, Sendable, CaseIterable {
    case shell, iopub, stdin, control
}
