#include "libs/s3/bucket.hpp"

#include "libs/auth/sha256.hpp"

#include <chrono>
#include <utility>

#include <cpprest/http_client.h>

namespace chatflow::s3 {
namespace {

using namespace std::chrono_literals;
namespace client = web::http::client;

constexpr auto kRequestTime = 10s;
constexpr std::size_t kReasonMax = 300;  // bytes of an answer that an error quotes
constexpr int kNotFound = 404;

client::http_client_config config() {
    client::http_client_config options;
    options.set_timeout(kRequestTime);
    options.set_max_redirects(0);
    return options;
}

std::string host_or_error(const std::string& endpoint) {
    auto host = host_of(endpoint);
    if (!host) throw Error("an S3 endpoint is like https://s3.example:9000");
    return std::move(*host);
}

}  // namespace

// Keeps connections.
class Bucket::Client {
 public:
    explicit Client(const std::string& endpoint) : client_(endpoint, config()) {}

    Answer exchange(web::http::http_request& request) {
        try {
            const auto response = client_.request(request).get();
            if (response.headers().content_length() > kAnswerBytesMax) {
                throw Error("the store answered more than a file can be");
            }
            const auto bytes = response.extract_vector().get();
            Answer answer{.status = response.status_code(),
                          .body = {bytes.begin(), bytes.end()},
                          .range = {}};
            response.headers().match("Content-Range", answer.range);
            return answer;
        } catch (const web::http::http_exception& error) {
            throw Error(std::string("the store does not answer: ") + error.what());
        }
    }

 private:
    client::http_client client_;
};

Bucket::Bucket(BucketOptions options, Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      host_(host_or_error(options_.endpoint)),
      client_(std::make_unique<Client>(options_.endpoint)) {}

Bucket::~Bucket() = default;

Answer Bucket::ask(const char* method, const std::string& key,
                   std::map<std::string, std::string> query, const std::string& body,
                   const std::string& range) {
    const TimePoint now = clock_.now();
    AwsRequest request{.method = method,
                       .path = "/" + options_.name + (key.empty() ? "" : "/" + key),
                       .query = std::move(query),
                       .headers = {{"host", host_}, {"x-amz-date", aws_date(now)}},
                       .payload_hash = auth::sha256_hex(body)};
    request.headers["x-amz-content-sha256"] = request.payload_hash;
    web::http::http_request sent(request.method);
    const std::string query_text = encoded_query(request.query);
    sent.set_request_uri(encoded_path(request.path) + (query_text.empty() ? "" : "?" + query_text));
    for (const auto& [name, value] : request.headers) sent.headers().add(name, value);
    sent.headers().add("Authorization", authorization_of(request, options_.signer, now));
    if (!range.empty()) sent.headers().add("Range", range);
    if (!body.empty()) sent.set_body(body, "application/octet-stream");
    return client_->exchange(sent);
}

std::optional<std::string> Bucket::get(const std::string& key) {
    Answer answer = ask("GET", key);
    if (answer.status == kNotFound) return std::nullopt;
    expect_success(answer, "cannot read " + key);
    return std::move(answer.body);
}

void Bucket::put(const std::string& key, const std::string& content) {
    expect_success(ask("PUT", key, {}, content), "cannot write " + key);
}

void expect_success(const Answer& answer, const std::string& what) {
    if (answer.status / 100 == 2) return;
    throw Error(what + ": the store answered " + std::to_string(answer.status) + " " +
                answer.body.substr(0, kReasonMax));
}

}  // namespace chatflow::s3
