#include "workloads/chat-server/io/file_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chatflow::chat {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStoreThreads = 2;
constexpr std::size_t kStoreWaitingMax =
    512;  // a piece for each stream of each event loop, and more
constexpr std::size_t kPieceBytes = 64 * 1024;

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

// Stays whole when the file is removed meanwhile.
class OpenFile final : public http::BodySource {
 public:
    OpenFile(int number, BlockingPool& pool) : file_(number), pool_(pool) {
        struct stat status{};
        if (::fstat(number, &status) != 0) fail("cannot read a file");
        size_ = static_cast<std::uint64_t>(status.st_size);
    }

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    [[nodiscard]] awaitable<std::string> next() override {
        auto read = [this] { return read_some(); };
        return pool_.run(std::move(read));
    }

 private:
    std::string read_some() {
        std::string piece(std::min<std::uint64_t>(kPieceBytes, size_ - at_), '\0');
        ssize_t count = -1;
        do {
            count = ::pread(file_.number(), piece.data(), piece.size(), static_cast<off_t>(at_));
        } while (count < 0 && errno == EINTR);
        if (count < 0) fail("cannot read a file");
        piece.resize(static_cast<std::size_t>(count));
        at_ += piece.size();
        return piece;
    }

    Descriptor file_;
    BlockingPool& pool_;
    std::uint64_t size_ = 0;
    std::uint64_t at_ = 0;
};

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

awaitable<std::shared_ptr<http::BodySource>> FolderStore::open(std::string path) {
    auto open = [this, source = fs::path(folder_) / path]() -> std::shared_ptr<http::BodySource> {
        const int number = ::open(source.c_str(), O_RDONLY | O_CLOEXEC);
        if (number < 0 && errno == ENOENT) return nullptr;
        if (number < 0) fail("cannot read " + source.string());
        return std::make_shared<OpenFile>(number, pool_);
    };
    return pool_.run(std::move(open));
}

awaitable<int> FolderStore::remove_older(std::chrono::hours age) {
    auto remove = [folder = fs::path(folder_), before = fs::file_time_type::clock::now() - age] {
        std::error_code error;
        std::string stuck;
        int removed = 0;
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            if (!entry.is_regular_file(error)) continue;
            const auto written = entry.last_write_time(error);
            if (error || written >= before) continue;
            if (fs::remove(entry.path(), error)) ++removed;
            if (error) stuck = entry.path().string() + ": " + error.message();
        }
        if (!stuck.empty()) throw FileStoreError(stuck);
        return removed;
    };
    return pool_.run(std::move(remove));
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
