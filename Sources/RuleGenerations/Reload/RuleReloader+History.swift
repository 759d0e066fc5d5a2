internal import ConfigurationFiles
internal import Images
internal import Policies
internal import RunPlanning
internal import Synchronization

extension RuleReloader {
    /// Puts what is in force into the history. What goes wrong is said in the status, and stops nothing. Blocks.
    func keep(_ unkept: Unkept) {
        let (candidate, files) = (unkept.candidate, unkept.files)
        guard let generation = candidate.planner.generation else { return }
        let directories = catalog.directories
        do {
            let inForce = try PolicySet.files(in: directories.policies)
            let record = GenerationRecord(
                generation, loadedAt: status.loadedAt, reason: unkept.reason,
                policies: candidate.content.policies.policies.mapValues(\.digest),
                policyFiles: Self.texts(inForce.policies, files), groupFiles: Self.texts(inForce.groups, files),
                networkFiles: Self.texts(inForce.networks, files),
                imageFiles: Self.texts(
                    candidate.content.images.images.map { $0.directory + "/image.yaml" }.sorted(), files))
            try history.keep(record)
            state.withLock { state in
                state.status.historyError = nil
                state.unkept = nil
            }
        } catch {
            state.withLock { state in
                state.status.historyError = "\(error)"
                state.unkept = unkept
            }
        }
    }

    private static func texts(_ paths: [String], _ files: ConfigurationSnapshot) -> [GenerationRecord.File] {
        paths.compactMap { path in
            guard case .bytes(let bytes)? = files.files[path], let text = String(validating: bytes, as: UTF8.self)
            else { return nil }
            return GenerationRecord.File(path: path, text: text)
        }
    }
}
