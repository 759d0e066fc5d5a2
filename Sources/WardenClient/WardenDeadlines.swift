/// How much time a connection gives its warden.
package struct WardenDeadlines: Sendable {
    /// From the start to `welcome`.
    package var welcome: Duration = .seconds(10)
    /// For one message to find room in the socket's buffer.
    package var send: Duration = .seconds(10)
    /// From the end of the connection to the end of the process; after that it is killed.
    package var exit: Duration = .seconds(10)
    /// For the sweep after a warden that was killed or failed.
    package var sweep: Duration = .seconds(10)

    /// From one question how it is going to the next.
    package var inquiry: Duration = .seconds(2)
    /// From such a question to a word of the warden; after that it stands still, and is given up.
    package var answer: Duration = .seconds(10)
    /// For the kernel to end a warden that was killed. One that is stuck in the kernel is left behind.
    package var kill: Duration = .seconds(3)

    package init() {}
}
