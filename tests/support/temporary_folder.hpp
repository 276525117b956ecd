#pragma once

#include <filesystem>
#include <string_view>

namespace chatflow::test {

/// A folder of its own below the system's temporary one; gone with the object.
class TemporaryFolder {
 public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes `text` to a file of the folder, whole or not at all; returns its path.
    std::filesystem::path write(std::string_view name, std::string_view text) const;

 private:
    std::filesystem::path path_;
};

}  // namespace chatflow::test
