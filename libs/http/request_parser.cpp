#include "libs/http/request_parser.hpp"

#include "libs/http/ascii.hpp"
#include "libs/http/problem.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace chatflow::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

// A body that was larger gives its memory back, so that idle connections stay small.
constexpr std::size_t kBodyCapacityKept = 16 * 1024;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

// RFC 9112 2.2: empty lines before the request line are ignored. How many bytes they are.
std::size_t empty_lines(std::string_view input) {
    std::size_t bytes = 0;
    while (input.substr(bytes).starts_with("\r\n")) bytes += 2;
    return bytes;
}

std::string_view view(string_view text) { return {text.data(), text.size()}; }

std::optional<Method> method_of(beast_http::verb verb) {
    switch (verb) {
        case beast_http::verb::get:
            return Method::Get;
        case beast_http::verb::head:
            return Method::Head;
        case beast_http::verb::post:
            return Method::Post;
        case beast_http::verb::put:
            return Method::Put;
        case beast_http::verb::patch:
            return Method::Patch;
        case beast_http::verb::delete_:
            return Method::Delete;
        case beast_http::verb::options:
            return Method::Options;
        case beast_http::verb::trace:
            return Method::Trace;
        default:
            return std::nullopt;
    }
}

/// "http://host/path" is as good as "/path"; nothing for a target that is neither.
std::optional<std::string_view> origin_form(std::string_view target, Method method) {
    if (target.starts_with('/')) return target;
    if (target == "*" && method == Method::Options) return target;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
    return std::nullopt;
}

/// Whether the first line ends in "HTTP/2.0" or the like after its second space: another protocol,
/// and not a target with a space in it.
bool names_version(std::string_view input) {
    constexpr std::string_view kForm = "HTTP/0.0";
    const std::string_view line = input.substr(0, input.find_first_of("\r\n"));
    const auto first = line.find(' ');
    const auto second = line.find(' ', first == std::string_view::npos ? line.size() : first + 1);
    if (second == std::string_view::npos) return false;
    const auto is_alike = [](char seen, char form) {
        return form == '0' ? seen >= '0' && seen <= '9' : seen == form;
    };
    return std::ranges::equal(line.substr(second + 1), kForm, is_alike);
}

struct Span {
    std::size_t begin;
    std::size_t size;
};

struct HeaderSpan {
    Span name;
    Span value;
};

/// What one request leaves to the next, so that a connection allocates only at its start.
struct Memory {
    std::string arena;
    std::string body;
    std::vector<HeaderSpan> spans;
    Request request;
};

/// Parses one request; Beast's parser cannot be used twice. What was copied of the header lives in
/// the arena; spans become views once the header is complete.
class Core final : private beast_http::basic_parser<true> {
    using Base = beast_http::basic_parser<true>;
    using State = RequestParser::State;

 public:
    Core(const Limits& limits, Memory memory);

    std::size_t feed(std::string_view input);

    State state_ = State::BeforeRequest;
    Memory memory_;
    Response refusal_;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    bool is_large_body_allowed_ = false;

 private:
    Span keep(std::string_view text);
    [[nodiscard]] std::string_view at(Span span) const {
        return std::string_view(memory_.arena).substr(span.begin, span.size);
    }
    void refuse(int status, std::string_view detail);
    void refuse_for(error_code ec);
    void finish_header();

    void on_request_impl(beast_http::verb verb, string_view method, string_view target, int version,
                         error_code& ec) override;
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(beast_http::field field, string_view name, string_view value,
                       error_code& ec) override;
    void on_header_impl(error_code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code& ec) override;
    std::size_t on_body_impl(string_view bytes, error_code& ec) override;
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& ec) override;
    void on_finish_impl(error_code& ec) override;

    const Limits& limits_;
    Span target_{};
    bool has_request_line_ = false;
    bool header_done_ = false;
    bool is_chunked_ = false;
    bool has_length_ = false;
    int hosts_ = 0;
};

Core::Core(const Limits& limits, Memory memory) : memory_(std::move(memory)), limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    body_limit(limits.body_bytes);
    eager(true);
    memory_.arena.clear();
    memory_.spans.clear();
    memory_.body.clear();
    if (memory_.body.capacity() > kBodyCapacityKept) memory_.body.shrink_to_fit();
    Request& request = memory_.request;
    auto headers = std::move(request.headers);
    auto parameters = std::move(request.parameters);
    headers.clear();
    parameters.clear();
    request = Request{};
    request.headers = std::move(headers);
    request.parameters = std::move(parameters);
}

Span Core::keep(std::string_view text) {
    const Span span{memory_.arena.size(), text.size()};
    memory_.arena.append(text);
    return span;
}

void Core::refuse(int status, std::string_view detail) {
    state_ = State::Refused;
    refusal_ = problem(status, detail);
    refusal_.close = true;
}

std::size_t Core::feed(std::string_view input) {
    if (state_ == State::Complete || state_ == State::Refused || input.empty()) return 0;
    if (state_ == State::BeforeRequest) {
        const std::size_t skipped = empty_lines(input);
        const std::string_view rest = input.substr(skipped);
        if (rest.empty() || rest == "\r") return skipped;
        state_ = State::InHeader;
        return skipped + feed(rest);
    }
    // Beast asserts that so much is there of a last chunk that it has begun to read.
    if (is_chunked_ && state_ == State::InBody && input.size() < kLastChunk.size()) return 0;
    error_code ec;
    const std::size_t taken = put(boost::asio::buffer(input), ec);
    if (state_ == State::Refused) return taken;
    if (ec == beast_http::error::bad_version && !names_version(input)) {
        refuse(400, "the request line must be a method, a target and a version");
    } else if (ec && ec != beast_http::error::need_more) {
        refuse_for(ec);
    } else if (ec && state_ == State::InBody && input.size() - taken > limits_.header_bytes) {
        refuse(431, "a chunk's header or the trailer is too long");
    }
    return taken;
}

void Core::refuse_for(error_code ec) {
    if (ec == beast_http::error::header_limit) {
        if (has_request_line_) return refuse(431, "the header is larger than this server accepts");
        return refuse(414, "the request target is longer than this server accepts");
    }
    if (ec == beast_http::error::body_limit) {
        return refuse(413, "the body must have at most " +
                               std::to_string(is_large_body_allowed_ ? limits_.large_body_bytes
                                                                     : limits_.body_bytes) +
                               " bytes");
    }
    if (ec == beast_http::error::bad_version) {
        return refuse(505, "the protocol must be HTTP/1.1 or HTTP/1.0");
    }
    refuse(400, "the request is not well-formed: " + ec.message());
}

void Core::on_request_impl(beast_http::verb verb, string_view, string_view target, int version,
                           error_code& ec) {
    has_request_line_ = true;
    memory_.request.is_http_1_0 = version == 10;
    target_ = keep(view(target));
    const auto method = method_of(verb);
    if (!method) {
        refuse(501, "this method is not known here");
        ec = beast_http::error::bad_method;
        return;
    }
    memory_.request.method = *method;
    const std::string_view path = view(target).substr(0, view(target).find('?'));
    if (*method == Method::Post && !path.empty() && path == limits_.large_body_path) {
        is_large_body_allowed_ = true;
        body_limit(limits_.large_body_bytes);
    }
    if (!origin_form(view(target), *method)) {
        refuse(400, "the request target must begin with a slash");
        ec = beast_http::error::bad_target;
    }
}

void Core::on_field_impl(beast_http::field field, string_view name, string_view value,
                         error_code& ec) {
    if (header_done_) return;  // the trailer of a chunked body is read over
    const auto fail = [this, &ec](int status, std::string_view detail) {
        refuse(status, detail);
        ec = beast_http::error::bad_field;
    };
    if (memory_.spans.size() >= limits_.headers ||
        memory_.arena.size() + name.size() + value.size() > limits_.header_bytes) {
        return fail(431, "the header has more fields than this server accepts");
    }
    if (field == beast_http::field::host) ++hosts_;
    if (field == beast_http::field::content_length) has_length_ = true;
    if (field == beast_http::field::transfer_encoding) {
        if (memory_.request.is_http_1_0) return fail(400, "HTTP/1.0 knows no Transfer-Encoding");
        if (is_chunked_ || !equal_ignoring_case(trimmed(view(value)), "chunked")) {
            return fail(400, "Transfer-Encoding must be chunked, once");
        }
        is_chunked_ = true;
    }
    if (is_chunked_ && has_length_) {
        return fail(400, "Content-Length and Transfer-Encoding exclude each other");
    }
    if (field == beast_http::field::expect) {
        if (!equal_ignoring_case(trimmed(view(value)), "100-continue")) {
            return fail(417, "the only expectation met is 100-continue");
        }
        expects_continue_ = !memory_.request.is_http_1_0;
    }
    const Span kept_name = keep(view(name));
    memory_.spans.push_back({kept_name, keep(view(value))});
}

void Core::on_header_impl(error_code& ec) {
    header_done_ = true;
    if (hosts_ > 1 || (hosts_ == 0 && !memory_.request.is_http_1_0)) {
        refuse(400, "the request must have one Host");
        ec = beast_http::error::bad_field;
        return;
    }
    finish_header();
    state_ = State::InBody;
    keep_alive_ = Base::keep_alive();
}

void Core::finish_header() {
    memory_.request.target = at(target_);
    const std::string_view target = *origin_form(memory_.request.target, memory_.request.method);
    const std::string_view before_fragment = target.substr(0, target.find('#'));
    const auto question = before_fragment.find('?');
    memory_.request.path = before_fragment.substr(0, question);
    if (question != std::string_view::npos)
        memory_.request.query = before_fragment.substr(question + 1);
    for (const auto& [name, value] : memory_.spans)
        memory_.request.headers.push_back({at(name), at(value)});
}

void Core::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
    // The client's word is good for so much memory in advance, not for all of a large body.
    if (length) memory_.body.reserve(std::min<std::size_t>(*length, kBodyCapacityKept));
}

std::size_t Core::on_body_impl(string_view bytes, error_code&) {
    memory_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

std::size_t Core::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& ec) {
    return on_body_impl(bytes, ec);
}

void Core::on_finish_impl(error_code&) {
    memory_.request.body = memory_.body;
    expects_continue_ = false;
    state_ = State::Complete;
}

}  // namespace

struct RequestParser::Impl {
    Limits limits;
    std::optional<Core> core;
};

RequestParser::RequestParser(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {
    impl_->core.emplace(impl_->limits, Memory{});
}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view input) { return impl_->core->feed(input); }
RequestParser::State RequestParser::state() const { return impl_->core->state_; }
Request& RequestParser::request() { return impl_->core->memory_.request; }
const Response& RequestParser::refusal() const { return impl_->core->refusal_; }
bool RequestParser::keep_alive() const { return impl_->core->keep_alive_; }
bool RequestParser::expects_continue() const {
    return impl_->core->expects_continue_ && state() == State::InBody;
}
bool RequestParser::is_large_body_allowed() const { return impl_->core->is_large_body_allowed_; }
void RequestParser::reset() {
    Memory memory = std::move(impl_->core->memory_);
    impl_->core.emplace(impl_->limits, std::move(memory));
}

}  // namespace chatflow::http
