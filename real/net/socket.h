// Socket: the TCP socket behind a Connection, for the files of this directory.
#pragma once
#include <utility>

#include <boost/asio/ip/tcp.hpp>

namespace orrery::real {

struct Socket {
  boost::asio::ip::tcp::socket tcp;
};

}  // namespace orrery::real
