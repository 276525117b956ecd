// Runs a fuzz target without libFuzzer: every file of the given folders as it is, and then with
// seeded changes of it, so that each run also looks beyond the corpus.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int kChangesPerFile = 200;

void run(const std::string& input) {
    std::string copy = input;  // on the heap and exactly as long, so that sanitizers see its ends
    copy.shrink_to_fit();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(copy.data()), copy.size());
}

std::string changed(std::string input, std::mt19937& random) {
    const auto below = [&random](std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
    };
    for (std::size_t change = below(4) + 1; change > 0 && !input.empty(); --change) {
        const std::size_t at = below(input.size());
        switch (below(4)) {
            case 0:
                input[at] = static_cast<char>(below(256));
                break;
            case 1:
                input.erase(at, below(8) + 1);
                break;
            case 2:
                input.insert(at, input.substr(below(input.size()), below(16) + 1));
                break;
            default:
                input.insert(at, 1, R"("{}[]:,-.0eE9)"[below(13)]);
                break;
        }
    }
    return input;
}

}  // namespace

int main(int argc, char** argv) {
    std::mt19937 random(1);
    std::size_t files = 0;
    for (int argument = 1; argument < argc; ++argument) {
        for (const auto& entry : std::filesystem::directory_iterator(argv[argument])) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string input(std::istreambuf_iterator<char>(file), {});
            run(input);
            for (int round = 0; round < kChangesPerFile; ++round) run(changed(input, random));
            ++files;
        }
    }
    std::printf("%zu files, %d changes of each\n", files, kChangesPerFile);
    return files > 0 ? 0 : 1;
}
