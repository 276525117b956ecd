#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace chatflow::test {

// PostgreSQL does not run as root. Where tests do, its programs and folders are the user
// postgres's; elsewhere both are left as they are.

[[nodiscard]] std::vector<std::string> as_postgres(std::vector<std::string> command);
void give_to_postgres(const std::filesystem::path& path);

}  // namespace chatflow::test
