#pragma once

namespace chatflow::cli {

/// What the program ends with; `kubectl chatflow --help` says the same.
enum class ExitCode : int {
    Ok = 0,
    Failed = 1,  // an input cannot be used, nothing was found, a check failed
    Usage = 2    // an argument that is not understood
};

}  // namespace chatflow::cli
