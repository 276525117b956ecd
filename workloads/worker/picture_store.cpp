#include "workloads/worker/picture_store.hpp"

#include "libs/jobs/queue_worker.hpp"
#include "libs/s3/bucket.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

namespace chatflow::worker {
namespace {

namespace fs = std::filesystem;

class PictureFile final : public OpenPicture {
 public:
    explicit PictureFile(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] std::string path() const override { return path_; }

 private:
    std::string path_;
};

// Bytes under a path that only this process knows; they are on no disk.
class MemoryFile final : public OpenPicture {
 public:
    explicit MemoryFile(const std::string& bytes)
        : number_(::memfd_create("picture", MFD_CLOEXEC)) {
        if (number_ < 0) fail();
        for (std::size_t at = 0; at < bytes.size();) {
            const auto count = ::write(number_, bytes.data() + at, bytes.size() - at);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) fail();
            at += static_cast<std::size_t>(count);
        }
    }
    ~MemoryFile() override { close(); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] std::string path() const override {
        return "/proc/self/fd/" + std::to_string(number_);
    }

 private:
    [[noreturn]] void fail() {
        const std::string reason = std::strerror(errno);
        close();
        throw std::runtime_error("no memory for a picture: " + reason);
    }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }

    int number_;
};

class PictureFolder final : public PictureStore {
 public:
    explicit PictureFolder(std::string folder) : folder_(std::move(folder)) {}

    std::unique_ptr<OpenPicture> open(const fs::path& name) override {
        const fs::path source = fs::weakly_canonical(folder_ / name);
        const auto relative = source.lexically_relative(fs::weakly_canonical(folder_));
        if (relative.empty() || *relative.begin() == "..") {
            throw jobs::Unrecoverable("data.source must be a path within the media folder");
        }
        return std::make_unique<PictureFile>(source.string());
    }

    // Written under another name first.
    void put(const fs::path& name, const std::string& bytes) override {
        fs::path unfinished = folder_ / name;
        unfinished += ".part";
        std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) throw std::runtime_error("cannot write " + unfinished.string());
        fs::rename(unfinished, folder_ / name);
    }

 private:
    fs::path folder_;
};

class PicturesInABucket final : public PictureStore {
 public:
    PicturesInABucket(s3::BucketOptions options, Clock& clock)
        : bucket_(std::move(options), clock) {}

    std::unique_ptr<OpenPicture> open(const fs::path& name) override {
        const auto bytes = bucket_.get(name.string());
        if (!bytes) throw jobs::Unrecoverable("data.source is not in the bucket");
        return std::make_unique<MemoryFile>(*bytes);
    }
    void put(const fs::path& name, const std::string& bytes) override {
        bucket_.put(name.string(), bytes);
    }

 private:
    s3::Bucket bucket_;
};

}  // namespace

std::unique_ptr<PictureStore> open_pictures(const Config& config, Clock& clock) {
    const PictureBucket& bucket = config.pictures;
    if (bucket.endpoint.empty()) return std::make_unique<PictureFolder>(config.media_folder);
    return std::make_unique<PicturesInABucket>(
        s3::BucketOptions{.endpoint = bucket.endpoint,
                          .name = bucket.name,
                          .signer = s3::parse_keys(bucket.keys, bucket.region).value()},
        clock);
}

}  // namespace chatflow::worker
