/// Which roots a build of several images is about: images that share a root are one job, done by one worker.
package struct BuildPlan: Sendable, Equatable {
    /// One root, and the images that are on it, in the order they were asked for. Never empty.
    package struct Job: Sendable, Equatable {
        package let images: [Image]

        /// `bash, c, node`.
        package var names: String { images.map(\.name).joined(separator: ", ") }
    }

    /// An image there is nothing to build for.
    package struct Rest: Sendable, Equatable {
        package let image: Image
        /// Why it cannot be used as it is; nil when it can.
        package let reason: String?
        /// Whether that is only because its directory has not been made yet.
        package var isAbsent = false
    }

    package private(set) var jobs: [Job] = []
    package private(set) var rest: [Rest] = []

    /// - Parameter statuses: how it stands with each image, in the order they are wanted.
    package init(_ statuses: [(image: Image, status: ImageStatus)]) {
        var order: [ContentDigest] = []
        var groups: [ContentDigest: [Image]] = [:]
        for (image, status) in statuses {
            if let digest = status.digest {
                if groups[digest] == nil { order.append(digest) }
                groups[digest, default: []].append(image)
            } else if case .unusable(let reason) = status.state {
                rest.append(Rest(image: image, reason: "unusable: \(reason)"))
            } else if status.state == .missing {
                rest.append(Rest(image: image, reason: "its directory is not there", isAbsent: true))
            } else {
                rest.append(Rest(image: image, reason: nil))
            }
        }
        jobs = order.compactMap { groups[$0].map(Job.init) }
    }

    /// How many jobs to do together by default: as many as there are processors, at most 16.
    package static func standardJobs(processors: Int) -> Int { max(1, min(processors, maximumJobs)) }

    /// The most jobs together: each takes a processor and some hundred megabytes of disk traffic.
    package static let maximumJobs = 16
}

/// What became of the images of a build, counted.
package struct BuildTally: Sendable, Equatable {
    package private(set) var built = 0
    package private(set) var present = 0
    package private(set) var skipped = 0
    /// Names, in the order they failed.
    package private(set) var failed: [String] = []

    package init() {}

    package mutating func add(_ result: Result<BuiltRoot, ImageError>, for image: Image) {
        switch result {
        case .success(let root): if root.reused { present += 1 } else { built += 1 }
        case .failure: failed.append(image.name)
        }
    }

    package mutating func addSkipped() { skipped += 1 }
    package mutating func addFailed(_ image: Image) { failed.append(image.name) }

    /// `4 built, 30 there already, 1 skipped, 2 failed (ruby, zig), 233 s`.
    package func line(seconds: Int64) -> String {
        var parts = ["\(built) built", "\(present) there already"]
        if skipped > 0 { parts.append("\(skipped) skipped") }
        parts.append(
            failed.isEmpty ? "0 failed" : "\(failed.count) failed (\(failed.sorted().joined(separator: ", ")))")
        return (parts + ["\(seconds) s"]).joined(separator: ", ")
    }
}
