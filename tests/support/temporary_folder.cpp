#include "tests/support/temporary_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

namespace chatflow::test {

namespace {

std::filesystem::path make_folder() {
    std::string name = std::filesystem::temp_directory_path() / "chatflow-test-XXXXXX";
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make the folder " + name);
    return name;
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(make_folder()) {}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(std::string_view name, std::string_view text) const {
    const auto target = path_ / name;
    const auto draft = path_ / (std::string(name) + ".draft");
    std::ofstream file(draft, std::ios::binary);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + draft.string());
    std::filesystem::rename(draft, target);
    return target;
}

}  // namespace chatflow::test
