/// Puts errors into the shape of one API.
package protocol ErrorRenderer: Sendable {
    /// The answer to an error, with its status: an `InterfaceError`, or what a handler threw. What is not expected is
    /// logged here and not shown.
    func reply(to error: any Error) -> Reply
}
