// Writes the CustomResourceDefinitions and the reference pages from the tables of controller/api.
#include "controller/crdgen/kinds.hpp"
#include "controller/crdgen/openapi.hpp"
#include "controller/crdgen/reference.hpp"
#include "controller/crdgen/yaml.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace chatflow::crdgen;
namespace fs = std::filesystem;

using Files = std::map<fs::path, std::string>;

Files generate(const fs::path& output, const fs::path& copies, const fs::path& docs) {
    Files files;
    for (const CustomKind& kind : custom_kinds()) {
        const std::string yaml = "# Written by crdgen from controller/api; do not edit.\n" +
                                 to_yaml(definition_of(kind));
        std::string page = kind.kind + ".md";
        std::ranges::transform(page, page.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (!output.empty()) files[output / kind.file_name()] = yaml;
        if (!copies.empty()) files[copies / kind.file_name()] = yaml;
        if (!docs.empty()) files[docs / page] = reference_of(kind);
    }
    return files;
}

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int check(const Files& files) {
    int stale = 0;
    for (const auto& [path, content] : files) {
        if (content_of(path) == content) continue;
        fmt::print(stderr, "{} is not what the tables say: run hack/generate and commit it\n",
                   path.string());
        ++stale;
    }
    return stale == 0 ? 0 : 1;
}

int write(const Files& files) {
    for (const auto& [path, content] : files) {
        if (content_of(path) == content) continue;
        fs::create_directories(path.parent_path());
        std::ofstream file(path, std::ios::binary);
        file << content;
        if (!file.flush()) {
            fmt::print(stderr, "error: {} cannot be written\n", path.string());
            return 1;
        }
        fmt::print("wrote {} ({} bytes)\n", path.string(), content.size());
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Writes CustomResourceDefinitions and their reference from controller/api");
    fs::path output;
    fs::path copies;
    fs::path docs;
    bool only_check = false;
    app.add_option("--output", output, "Folder of the CustomResourceDefinitions");
    app.add_option("--copies", copies, "Folder of a chart that gets copies of them");
    app.add_option("--docs", docs, "Folder of the reference pages");
    app.add_flag("--check", only_check, "Write nothing; fail when a file is not current");
    CLI11_PARSE(app, argc, argv);

    const Files files = generate(output, copies, docs);
    return only_check ? check(files) : write(files);
}
