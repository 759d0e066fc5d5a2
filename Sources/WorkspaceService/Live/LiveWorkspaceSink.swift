package import SandboxSpec
package import WardenProtocol
package import WorkspaceModel

/// Who hears what happens in a sandbox of a workspace. Called on the thread of the reactor: must not block.
package protocol LiveWorkspaceSink: Sendable {
    /// A process runs, has ended, or could not be started.
    func changed(_ report: ProcessReport)
    func opened(port: UInt16)
    func closed(port: UInt16)
    func used(_ usage: Usage)
    func warned(_ hit: LimitHit)
    /// The sandbox is gone; comes last, and once.
    func ended(_ outcome: SandboxOutcome)
}
