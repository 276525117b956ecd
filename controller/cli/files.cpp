#include "controller/cli/files.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>

namespace chatflow::cli {

std::string read_file(const std::string& path, std::size_t bytes_max) {
    std::ifstream file;
    if (path != "-") {
        file.open(path, std::ios::binary);
        if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path));
    }
    std::istream& in = path == "-" ? std::cin : file;
    constexpr std::size_t kPart = std::size_t{1} << 20;
    std::string text;
    while (in && text.size() <= bytes_max) {
        const std::size_t before = text.size();
        text.resize(before + kPart);
        in.read(text.data() + before, static_cast<std::streamsize>(kPart));
        text.resize(before + static_cast<std::size_t>(in.gcount()));
    }
    if (text.size() > bytes_max) {
        throw std::runtime_error(fmt::format("{} is longer than {} bytes", path, bytes_max));
    }
    return text;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error(fmt::format("{} cannot be written", path));
}

}  // namespace chatflow::cli
