#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace chatflow::redis_agent {

/// One program with its arguments; words[0] is its path.
using Words = std::vector<std::string>;

/// Runs programs side by side to their ends; each inherits the environment and writes what it says
/// to a file in `folder` that goes again. Throws std::runtime_error with the last of what the first
/// one to fail has said, when all have ended.
void run_all(const std::vector<Words>& programs, const std::filesystem::path& folder);

}  // namespace chatflow::redis_agent
