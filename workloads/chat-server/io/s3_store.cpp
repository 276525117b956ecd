#include "workloads/chat-server/io/s3_store.hpp"

#include "libs/auth/sha256.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <cpprest/http_client.h>

namespace chatflow::chat {
namespace {

using namespace std::chrono_literals;
namespace client = web::http::client;

constexpr std::size_t kStoreThreads = 4;
constexpr std::size_t kStoreWaitingMax =
    512;  // a piece for each stream of each event loop, and more
constexpr auto kRequestTime = 10s;
constexpr auto kAddressLife = 1h;
constexpr std::size_t kAnswerBytesMax = 64U << 20U;
constexpr std::uint64_t kPieceBytes = 256U * 1024U;
constexpr std::size_t kReasonMax = 300;  // bytes of an answer that an error quotes
constexpr int kNotFound = 404;

// "https://s3.example:9000" without what is before the name.
std::string host_of(std::string_view endpoint) {
    const auto scheme = endpoint.find("://");
    if (scheme == std::string_view::npos || endpoint.substr(scheme + 3).contains('/')) {
        throw FileStoreError("an S3 endpoint is like https://s3.example:9000");
    }
    return std::string(endpoint.substr(scheme + 3));
}

struct Answer {
    int status = 0;
    std::string body;
    std::string range;  // Content-Range: "bytes 0-99/1234"
};

std::string range_from(std::uint64_t first) {
    return "bytes=" + std::to_string(first) + "-" + std::to_string(first + kPieceBytes - 1);
}

// Of the whole object: a store that knows no ranges has answered with all of it.
std::uint64_t size_by(const Answer& answer) {
    const auto slash = answer.range.find('/');
    if (slash == std::string::npos) return answer.body.size();
    std::uint64_t size = 0;
    const char* end = answer.range.data() + answer.range.size();
    const auto [stop, error] = std::from_chars(answer.range.data() + slash + 1, end, size);
    if (error != std::errc{} || stop != end) throw FileStoreError("the store tells no size");
    return size;
}

}  // namespace

/// Blocks. Any thread.
class S3Store::Bucket {
 public:
    Bucket(const S3Options& options, Clock& clock)
        : options_(options),
          clock_(clock),
          host_(host_of(options.endpoint)),
          client_(options.endpoint, config()) {}

    Answer ask(const char* method, const std::string& key, std::map<std::string, std::string> query,
               const std::string& body, const std::string& range = {}) {
        const TimePoint now = clock_.now();
        AwsRequest request{.method = method,
                           .path = "/" + options_.bucket + (key.empty() ? "" : "/" + key),
                           .query = std::move(query),
                           .headers = {{"host", host_}, {"x-amz-date", aws_date(now)}},
                           .payload_hash = auth::sha256_hex(body)};
        request.headers["x-amz-content-sha256"] = request.payload_hash;
        web::http::http_request sent(request.method);
        const std::string query_text = encoded_query(request.query);
        sent.set_request_uri(encoded_path(request.path) +
                             (query_text.empty() ? "" : "?" + query_text));
        for (const auto& [name, value] : request.headers) sent.headers().add(name, value);
        sent.headers().add("Authorization", authorization_of(request, options_.signer, now));
        if (!range.empty()) sent.headers().add("Range", range);
        if (!body.empty()) sent.set_body(body, "application/octet-stream");
        return exchange(sent);
    }

    void expect_success(const Answer& answer, const std::string& what) const {
        if (answer.status / 100 == 2) return;
        throw FileStoreError(what + ": the store answered " + std::to_string(answer.status) + " " +
                             answer.body.substr(0, kReasonMax));
    }

 private:
    static client::http_client_config config() {
        client::http_client_config options;
        options.set_timeout(kRequestTime);
        options.set_max_redirects(0);
        return options;
    }

    Answer exchange(web::http::http_request& request) {
        try {
            const auto response = client_.request(request).get();
            if (response.headers().content_length() > kAnswerBytesMax) {
                throw FileStoreError("the store answered more than a file can be");
            }
            const auto bytes = response.extract_vector().get();
            Answer answer{.status = response.status_code(),
                          .body = {bytes.begin(), bytes.end()},
                          .range = {}};
            response.headers().match("Content-Range", answer.range);
            return answer;
        } catch (const web::http::http_exception& error) {
            throw FileStoreError(std::string("the store does not answer: ") + error.what());
        }
    }

    const S3Options& options_;
    Clock& clock_;
    std::string host_;
    client::http_client client_;  // keeps connections
};

S3Store::S3Store(S3Options options, Clock& clock)
    : clock_(clock),
      options_(std::move(options)),
      bucket_(std::make_unique<Bucket>(options_, clock_)),
      pool_(kStoreThreads, kStoreWaitingMax) {
    if (!options_.public_endpoint.empty()) static_cast<void>(host_of(options_.public_endpoint));
}

S3Store::~S3Store() = default;

awaitable<void> S3Store::put(std::string path, std::string content) {
    auto put = [this, path = std::move(path), content = std::move(content)] {
        bucket_->expect_success(bucket_->ask("PUT", path, {}, content), "cannot write " + path);
    };
    return pool_.run(std::move(put));
}

/// Fetched piece by piece. What a name stands for never changes.
class S3Store::Object final : public http::BodySource {
 public:
    Object(S3Store& store, std::string path, Answer first)
        : store_(store),
          path_(std::move(path)),
          size_(size_by(first)),
          piece_(std::move(first.body)) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] awaitable<std::string> next() override {
        if (at_ > 0 && at_ < size_) {
            auto fetch = [this] {
                Answer answer = store_.bucket_->ask("GET", path_, {}, "", range_from(at_));
                store_.bucket_->expect_success(answer, "cannot read " + path_);
                return std::move(answer.body);
            };
            piece_ = co_await store_.pool_.run(std::move(fetch));
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
        Answer first = bucket_->ask("GET", path, {}, "", range_from(0));
        if (first.status == kNotFound) return nullptr;
        bucket_->expect_success(first, "cannot read " + path);
        return std::make_shared<Object>(*this, path, std::move(first));
    };
    return pool_.run(std::move(open));
}

// A file and its thumbnails: one page of a listing.
awaitable<void> S3Store::remove_all(std::string path_prefix) {
    auto remove = [this, prefix = std::move(path_prefix)] {
        const Answer listing =
            bucket_->ask("GET", "", {{"list-type", "2"}, {"prefix", prefix}}, "");
        bucket_->expect_success(listing, "cannot list " + prefix);
        for (const std::string& key : keys_of_listing(listing.body)) {
            bucket_->expect_success(bucket_->ask("DELETE", key, {}, ""), "cannot remove " + key);
        }
    };
    return pool_.run(std::move(remove));
}

awaitable<void> S3Store::check() {
    auto check = [this] {
        bucket_->expect_success(bucket_->ask("HEAD", "", {}, ""),
                                "cannot use the bucket " + options_.bucket);
    };
    return pool_.run(std::move(check));
}

std::optional<std::string> S3Store::address_of(const std::string& path) const {
    if (options_.public_endpoint.empty()) return std::nullopt;
    return options_.public_endpoint +
           presigned_target({.method = "GET",
                             .path = "/" + options_.bucket + "/" + path,
                             .query = {},
                             .headers = {{"host", host_of(options_.public_endpoint)}},
                             .payload_hash = {}},
                            options_.signer, clock_.now(), kAddressLife);
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
