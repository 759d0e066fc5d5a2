extension ImageStore {
    /// What a build of these images is about.
    package func plan(_ images: [Image]) -> BuildPlan {
        BuildPlan(images.map { ($0, status(of: $0)) })
    }

    /// One thing that happened in a build of several images.
    package enum BuildEvent: Sendable {
        case progress(BuildProgress)
        /// An image's root is there, or will not be.
        case ended(Image, Result<BuiltRoot, ImageError>)
    }

    /// Builds the roots of a plan, up to `parallel` together. One that fails does not stop the others; images that share a
    /// failed root fail with it.
    ///
    /// Cancelling the task ends the builds that run and begins no other: images whose turn did not come fail as
    /// `cancelled`.
    /// - Parameter tell: called from any thread, with the number of the job from 1 up, in the order jobs begin.
    package func build(
        _ plan: BuildPlan, parallel: Int, offline: Bool = false, rebuild: Bool = false,
        tell: @escaping @Sendable (Int, BuildPlan.Job, BuildEvent) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for (index, job) in plan.jobs.enumerated() {
                if running >= max(1, parallel) {
                    await group.next()
                    running -= 1
                }
                running += 1
                group.addTask {
                    await build(job, offline, rebuild) { tell(index + 1, job, $0) }
                }
            }
        }
    }

    private func build(
        _ job: BuildPlan.Job, _ offline: Bool, _ rebuild: Bool, tell: @escaping @Sendable (BuildEvent) -> Void
    ) async {
        var failure: ImageError?
        for (index, image) in job.images.enumerated() {
            do throws(ImageError) {
                if let failure { throw failure }
                if Task.isCancelled { throw ImageError(.cancelled, "the build was cancelled") }
                // The others only enter their names: what was built a moment ago is not built again.
                let root = try await build(image, offline: offline, rebuild: rebuild && index == 0) { progress in
                    tell(.progress(progress))
                }
                tell(.ended(image, .success(root)))
            } catch {
                failure = error
                tell(.ended(image, .failure(error)))
            }
        }
    }
}
