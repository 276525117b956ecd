#include "workloads/chat-server/io/file_store.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace chatflow::chat {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStoreThreads = 2;
constexpr std::size_t kStoreWaitingMax = 64;

[[noreturn]] void fail(const std::string& what) {
    throw FileStoreError(what + ": " + std::strerror(errno));
}

// Closed however the block ends.
class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

 private:
    int number_;
};

void make_durable(const Descriptor& file, const fs::path& path) {
    if (::fsync(file.number()) != 0) fail("cannot write " + path.string());
}

// A new name, or a changed one, is on the disk when the folder is.
void make_names_durable(const fs::path& folder) {
    const int number = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) fail("cannot read " + folder.string());
    make_durable(Descriptor(number), folder);
}

// What is acknowledged has to be on the disk.
void write_durably(const fs::path& path, const std::string& content) {
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (number < 0) fail("cannot write " + path.string());
    const Descriptor file(number);
    std::size_t written = 0;
    while (written < content.size()) {
        const auto count =
            ::write(file.number(), content.data() + written, content.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("cannot write " + path.string());
        written += static_cast<std::size_t>(count);
    }
    make_durable(file, path);
}

}  // namespace

FolderStore::FolderStore(std::string folder)
    : folder_(std::move(folder)), pool_(kStoreThreads, kStoreWaitingMax) {}

awaitable<void> FolderStore::put(std::string path, std::string content) {
    auto put = [target = fs::path(folder_) / path, content = std::move(content)] {
        std::error_code error;
        const fs::path folder = target.parent_path();
        const bool is_new = fs::create_directories(folder, error);
        const fs::path unfinished = target.string() + ".part";
        write_durably(unfinished, content);
        fs::rename(unfinished, target, error);
        if (error) throw FileStoreError(target.string() + ": " + error.message());
        make_names_durable(folder);
        if (is_new) make_names_durable(folder.parent_path());
    };
    return pool_.run(std::move(put));
}

awaitable<std::optional<std::string>> FolderStore::get(std::string path) {
    auto get = [source = fs::path(folder_) / path]() -> std::optional<std::string> {
        std::ifstream file(source, std::ios::binary);
        if (!file) return std::nullopt;
        std::string content{std::istreambuf_iterator<char>(file), {}};
        if (file.bad()) throw FileStoreError("cannot read " + source.string());
        return content;
    };
    return pool_.run(std::move(get));
}

awaitable<void> FolderStore::remove_all(std::string path_prefix) {
    auto remove = [whole = fs::path(folder_) / path_prefix] {
        std::error_code error;
        fs::directory_iterator entries(whole.parent_path(), error);
        if (error) return;  // then there is no such folder, nor file
        const std::string prefix = whole.filename().string();
        for (const auto& entry : entries) {
            if (entry.path().filename().string().starts_with(prefix)) {
                fs::remove(entry.path(), error);
                if (error) throw FileStoreError(entry.path().string() + ": " + error.message());
            }
        }
    };
    return pool_.run(std::move(remove));
}

awaitable<void> FolderStore::check() {
    auto check = [folder = fs::path(folder_)] {
        std::error_code error;
        fs::create_directories(folder, error);
        if (error) throw FileStoreError(folder.string() + ": " + error.message());
        if (::access(folder.c_str(), W_OK | X_OK) != 0) fail("cannot write " + folder.string());
    };
    return pool_.run(std::move(check));
}

}  // namespace chatflow::chat
