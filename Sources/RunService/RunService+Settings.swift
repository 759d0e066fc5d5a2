package import FairQueue
package import RunExecution

extension RunService {
    /// What bounds a service and its runs.
    package struct Settings: Sendable {
        package var admission: AdmissionBounds
        package var finished: FinishedRuns.Bounds
        /// Bytes of events kept per run.
        package var buffer: Int
        /// Bytes of artifacts kept per run.
        package var artifactBytes: Int64
        /// Nanoseconds that a run may wait for a place.
        package var queueTime: Int64 = 600_000_000_000
        /// Nanoseconds that the repository may take to keep a new run.
        package var keepTime: Int64 = 5_000_000_000
        package var deadlines = RunDeadlines.Bounds()
        /// No test runs unless asked for.
        package var health = HealthMonitor.Bounds(every: nil)

        package init(
            admission: AdmissionBounds, finished: FinishedRuns.Bounds, buffer: Int, artifactBytes: Int64
        ) {
            self.admission = admission
            self.finished = finished
            self.buffer = buffer
            self.artifactBytes = artifactBytes
        }
    }
}
