#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace chatflow::test {

/// All of it; "" if there is no such file.
[[nodiscard]] inline std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// By name, so that failures come in the same order on each machine.
[[nodiscard]] inline std::vector<std::filesystem::path> files_of(
    const std::filesystem::path& folder) {
    std::set<std::filesystem::path> sorted;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        sorted.insert(entry.path());
    }
    return {sorted.begin(), sorted.end()};
}

/// What the first line of an invalid sample says that a refusal has to contain; "" if it says none.
[[nodiscard]] inline std::string expected_of(const std::filesystem::path& sample) {
    const std::string text = text_of(sample);
    const std::string mark = "# expect: ";
    if (!text.starts_with(mark)) return "";
    return text.substr(mark.size(), text.find('\n') - mark.size());
}

}  // namespace chatflow::test
