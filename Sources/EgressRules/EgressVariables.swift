internal import SandboxSpec

/// The variables by which programs find the way out.
package enum EgressVariables {
    /// What is set for a program with egress; what its image or its request sets under the same names wins.
    ///
    /// Both cases of a name, since programs differ in which they read. `ALL_PROXY` speaks HTTP as well: a client of HTTP that has no
    /// SOCKS would refuse to start otherwise.
    package static let all: [String: String] = {
        let proxy = "http://127.0.0.1:\(NetworkAccess.egressPort)"
        var variables = ["NO_PROXY": "localhost,127.0.0.1,::1", "no_proxy": "localhost,127.0.0.1,::1"]
        for name in ["http_proxy", "https_proxy", "all_proxy"] {
            variables[name] = proxy
            variables[name.uppercased()] = proxy
        }
        // What is refused is refused at once: asking again only takes time.
        variables["PIP_RETRIES"] = "1"
        variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        variables["npm_config_update_notifier"] = "false"
        variables["npm_config_fetch_retries"] = "1"
        return variables
    }()
}
