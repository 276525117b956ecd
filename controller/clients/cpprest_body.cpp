#include "controller/clients/cpprest_body.hpp"

#include <string_view>
#include <utility>

namespace chatflow::clients {

namespace {

using Base = Concurrency::streams::details::streambuf_state_manager<std::uint8_t>;

/// Write-only and unbuffered: of the library's many ways to use a stream buffer, one is for us.
class ExchangeBuffer final : public Base {
 public:
    explicit ExchangeBuffer(std::shared_ptr<Exchange> exchange)
        : Base(std::ios_base::out), exchange_(std::move(exchange)) {}

    bool can_seek() const override { return false; }
    bool has_size() const override { return false; }
    std::size_t buffer_size(std::ios_base::openmode) const override { return 0; }
    void set_buffer_size(std::size_t, std::ios_base::openmode) override {}
    std::size_t in_avail() const override { return 0; }
    pos_type getpos(std::ios_base::openmode) const override { return traits::eof(); }
    pos_type seekpos(pos_type, std::ios_base::openmode) override { return traits::eof(); }
    pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
        return traits::eof();
    }
    bool acquire(std::uint8_t*&, std::size_t&) override { return false; }
    void release(std::uint8_t*, std::size_t) override {}

 protected:
    pplx::task<std::size_t> _putn(const std::uint8_t* bytes, std::size_t count) override {
        const pplx::task_completion_event<std::size_t> taken;
        auto go_on = [taken, count] { taken.set(count); };
        const std::string_view text(reinterpret_cast<const char*>(bytes), count);
        if (exchange_->put(text, go_on)) return pplx::task_from_result(count);
        return pplx::task<std::size_t>(taken);
    }
    pplx::task<int_type> _putc(std::uint8_t byte) override {
        auto as_result = [byte](std::size_t) { return static_cast<int_type>(byte); };
        return _putn(&byte, 1).then(as_result);
    }

    pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
    std::uint8_t* _alloc(std::size_t) override { return nullptr; }
    void _commit(std::size_t) override {}

    // Nobody reads from it.
    pplx::task<int_type> _bumpc() override { return nothing(); }
    int_type _sbumpc() override { return traits::eof(); }
    pplx::task<int_type> _getc() override { return nothing(); }
    int_type _sgetc() override { return traits::eof(); }
    pplx::task<int_type> _nextc() override { return nothing(); }
    pplx::task<int_type> _ungetc() override { return nothing(); }
    pplx::task<std::size_t> _getn(std::uint8_t*, std::size_t) override {
        return pplx::task_from_result(std::size_t{0});
    }
    std::size_t _scopy(std::uint8_t*, std::size_t) override { return 0; }

 private:
    static pplx::task<int_type> nothing() {
        return pplx::task_from_result(static_cast<int_type>(traits::eof()));
    }

    std::shared_ptr<Exchange> exchange_;
};

}  // namespace

Concurrency::streams::ostream body_into(std::shared_ptr<Exchange> exchange) {
    const Concurrency::streams::streambuf<std::uint8_t> buffer(
        std::make_shared<ExchangeBuffer>(std::move(exchange)));
    return buffer.create_ostream();
}

}  // namespace chatflow::clients
