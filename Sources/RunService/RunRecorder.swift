internal import RunExecution
internal import RunModel

/// Notes the events of a run in its record, and has the repository keep them.
struct RunRecorder: EventSink {
    let record: RunRecord
    let repository: any RunRepository

    func receive(_ event: RunEvent) -> Bool {
        guard record.note(event) else { return false }
        repository.append(event, to: record)
        return true
    }

    func hasRoom(onRoom: @escaping @Sendable () -> Void) -> Bool {
        repository.hasRoom(for: record, onRoom: onRoom)
    }
}
