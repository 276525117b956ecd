#pragma once

#include "libs/async/clock.hpp"
#include "libs/s3/aws_signature.hpp"

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace chatflow::s3 {

/// The store is away, or refuses. A retry may cure it.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct BucketOptions {
    std::string endpoint;  // "https://s3.example:9000"; buckets are named in the path
    std::string name;      // is there already
    AwsSigner signer;
};

struct Answer {
    int status = 0;
    std::string body;   // at most kAnswerBytesMax
    std::string range;  // Content-Range: "bytes 0-99/1234"
};

/// A bucket of an S3-compatible store. Blocks, ten seconds a request at most. Any thread.
class Bucket {
 public:
    /// Throws Error when the endpoint is no address.
    Bucket(BucketOptions options, Clock& clock);
    ~Bucket();
    Bucket(const Bucket&) = delete;
    Bucket& operator=(const Bucket&) = delete;

    /// Any status is an answer. `key` "": the bucket itself. `range`: "bytes=0-99".
    [[nodiscard]] Answer ask(const char* method, const std::string& key,
                             std::map<std::string, std::string> query = {},
                             const std::string& body = {}, const std::string& range = {});

    /// The object; nothing when there is none.
    [[nodiscard]] std::optional<std::string> get(const std::string& key);
    void put(const std::string& key, const std::string& content);

    static constexpr std::size_t kAnswerBytesMax = 64U << 20U;

 private:
    class Client;

    BucketOptions options_;
    Clock& clock_;
    std::string host_;
    std::unique_ptr<Client> client_;
};

/// Throws Error, which says what was wanted and what was answered, but for 2xx.
void expect_success(const Answer& answer, const std::string& what);

}  // namespace chatflow::s3
