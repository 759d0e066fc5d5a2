/// Formats errors for one API.
package protocol ErrorRenderer: Sendable {
    /// The response to an error, with its status: an `InterfaceError`, or an error of a handler. Unexpected errors are
    /// logged here and not shown.
    func reply(to error: any Error) -> Reply
}
