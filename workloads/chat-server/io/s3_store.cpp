#include "workloads/chat-server/io/s3_store.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kStoreThreads = 4;
constexpr std::size_t kStoreWaitingMax =
    512;  // a piece for each stream of each event loop, and more
constexpr auto kAddressLife = 1h;
constexpr std::uint64_t kPieceBytes = 256U * 1024U;
constexpr int kNotFound = 404;

// The same work, whose failures are told as those of a store of files.
template <class Work>
auto of_files(Work work) {
    return [work = std::move(work)] {
        try {
            return work();
        } catch (const s3::Error& error) {
            throw FileStoreError(error.what());
        }
    };
}

std::string range_from(std::uint64_t first) {
    return "bytes=" + std::to_string(first) + "-" + std::to_string(first + kPieceBytes - 1);
}

// Of the whole object: a store that knows no ranges has answered with all of it.
std::uint64_t size_by(const s3::Answer& answer) {
    const auto slash = answer.range.find('/');
    if (slash == std::string::npos) return answer.body.size();
    std::uint64_t size = 0;
    const char* end = answer.range.data() + answer.range.size();
    const auto [stop, error] = std::from_chars(answer.range.data() + slash + 1, end, size);
    if (error != std::errc{} || stop != end) throw FileStoreError("the store tells no size");
    return size;
}

}  // namespace

S3Store::S3Store(S3Options options, Clock& clock)
    : clock_(clock),
      options_(std::move(options)),
      bucket_(options_.bucket, clock_),
      pool_(kStoreThreads, kStoreWaitingMax) {}

awaitable<void> S3Store::put(std::string path, std::string content) {
    auto put = [this, path = std::move(path), content = std::move(content)] {
        bucket_.put(path, content);
    };
    return pool_.run(of_files(std::move(put)));
}

/// Fetched piece by piece. What a name stands for never changes.
class S3Store::Object final : public http::BodySource {
 public:
    Object(S3Store& store, std::string path, s3::Answer first)
        : store_(store),
          path_(std::move(path)),
          size_(size_by(first)),
          piece_(std::move(first.body)) {}

    [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }
    [[nodiscard]] awaitable<std::string> next() override {
        if (at_ > 0 && at_ < size_) {
            auto fetch = [this] {
                s3::Answer answer = store_.bucket_.ask("GET", path_, {}, "", range_from(at_));
                s3::expect_success(answer, "cannot read " + path_);
                return std::move(answer.body);
            };
            piece_ = co_await store_.pool_.run(of_files(std::move(fetch)));
        }
        at_ += piece_.size();
        co_return std::exchange(piece_, {});
    }

 private:
    S3Store& store_;
    std::string path_;
    std::uint64_t size_;
    std::uint64_t at_ = 0;
    std::string piece_;
};

awaitable<std::shared_ptr<http::BodySource>> S3Store::open(std::string path) {
    auto open = [this, path = std::move(path)]() -> std::shared_ptr<http::BodySource> {
        s3::Answer first = bucket_.ask("GET", path, {}, "", range_from(0));
        if (first.status == kNotFound) return nullptr;
        s3::expect_success(first, "cannot read " + path);
        return std::make_shared<Object>(*this, path, std::move(first));
    };
    return pool_.run(of_files(std::move(open)));
}

// A file and its thumbnails: one page of a listing.
awaitable<void> S3Store::remove_all(std::string path_prefix) {
    auto remove = [this, prefix = std::move(path_prefix)] {
        const auto listing = bucket_.ask("GET", "", {{"list-type", "2"}, {"prefix", prefix}});
        s3::expect_success(listing, "cannot list " + prefix);
        for (const std::string& key : keys_of_listing(listing.body)) {
            s3::expect_success(bucket_.ask("DELETE", key), "cannot remove " + key);
        }
    };
    return pool_.run(of_files(std::move(remove)));
}

awaitable<void> S3Store::check() {
    auto check = [this] {
        s3::expect_success(bucket_.ask("HEAD", ""),
                           "cannot use the bucket " + options_.bucket.name);
    };
    return pool_.run(of_files(std::move(check)));
}

std::optional<std::string> S3Store::address_of(const std::string& path) const {
    if (options_.public_endpoint.empty()) return std::nullopt;
    return options_.public_endpoint +
           s3::presigned_target({.method = "GET",
                                 .path = "/" + options_.bucket.name + "/" + path,
                                 .query = {},
                                 .headers = {{"host", *s3::host_of(options_.public_endpoint)}},
                                 .payload_hash = {}},
                                options_.bucket.signer, clock_.now(), kAddressLife);
}

std::vector<std::string> keys_of_listing(std::string_view xml) {
    constexpr std::string_view kBegin = "<Key>";
    constexpr std::string_view kEnd = "</Key>";
    std::vector<std::string> keys;
    for (auto at = xml.find(kBegin); at != std::string_view::npos; at = xml.find(kBegin, at)) {
        at += kBegin.size();
        const auto end = xml.find(kEnd, at);
        if (end == std::string_view::npos) break;
        keys.emplace_back(xml.substr(at, end - at));
        at = end;
    }
    return keys;
}

}  // namespace chatflow::chat
