internal import Logging
internal import RunModel
internal import WorkspaceModel
internal import WorkspaceService

/// Counts workspaces, and logs one record for each start and stop. A record never contains commands, files, output or keys.
struct WorkspaceJournal: WorkspaceObserver {
    let metrics: WorkspaceMetrics
    let logger: Logger

    func created(_ workspace: Workspace) { logger.info("workspace created", metadata: origin(workspace)) }

    func refused(_ error: APIError) {
        metrics.refused(error.code.rawValue)
        logger.debug("workspace refused", metadata: ["code": "\(error.code.rawValue)"])
    }

    func started(_ workspace: Workspace) {
        metrics.started()
        logger.info("workspace started", metadata: origin(workspace))
    }

    func stopped(_ workspace: Workspace) {
        metrics.stopped()
        let metadata = origin(workspace)
        // A log that is not read must not hold up the thread of all workspaces.
        Task { logger.info("workspace stopped", metadata: metadata) }
    }

    private func origin(_ workspace: Workspace) -> Logger.Metadata {
        ["workspace_id": "\(workspace.id)", "key_id": "\(workspace.identity.owner)"]
    }
}
