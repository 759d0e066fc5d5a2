extension DigestAlgorithm {
    /// The digest of some bytes, `byteCount` long.
    package func digest(of bytes: [UInt8]) -> [UInt8] {
        var running = RunningDigest(self)
        running.update(bytes)
        return running.finish()
    }
}
