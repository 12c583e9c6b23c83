-- Tables in the shape of the public sample, with rows of our own. IDENTITYKEY counts by itself, MONEY and FLOATS
-- are what the database has for them, EXTENDED is quantity times price less discount. An INSERT behind KEYED
-- gives the identity keys itself.
CREATE TABLE Categories (
	CategoryID IDENTITYKEY, CategoryName nvarchar(15) NOT NULL, Description LONG NULL
)
GO
CREATE INDEX CategoryName ON Categories (CategoryName)
GO
CREATE TABLE Suppliers (
	SupplierID IDENTITYKEY, CompanyName nvarchar(40) NOT NULL, ContactName nvarchar(30) NULL, City nvarchar(15) NULL, Country nvarchar(15) NULL, Phone nvarchar(24) NULL
)
GO
CREATE TABLE Shippers (
	ShipperID IDENTITYKEY, CompanyName nvarchar(40) NOT NULL, Phone nvarchar(24) NULL
)
GO
CREATE TABLE Employees (
	EmployeeID IDENTITYKEY, LastName nvarchar(20) NOT NULL, FirstName nvarchar(10) NOT NULL, Title nvarchar(30) NULL, HireDate datetime NULL,
	City nvarchar(15) NULL, Country nvarchar(15) NULL, HomePhone nvarchar(24) NULL, ReportsTo int NULL,
	CONSTRAINT FK_Employees_Employees FOREIGN KEY (ReportsTo) REFERENCES Employees (EmployeeID)
)
GO
CREATE TABLE Customers (
	CustomerID nchar(5) NOT NULL, CompanyName nvarchar(40) NOT NULL, ContactName nvarchar(30) NULL, ContactTitle nvarchar(30) NULL, Address nvarchar(60) NULL,
	City nvarchar(15) NULL, Region nvarchar(15) NULL, PostalCode nvarchar(10) NULL, Country nvarchar(15) NULL, Phone nvarchar(24) NULL, Fax nvarchar(24) NULL,
	CONSTRAINT PK_Customers PRIMARY KEY (CustomerID)
)
GO
CREATE INDEX CompanyName ON Customers (CompanyName)
GO
CREATE TABLE Products (
	ProductID IDENTITYKEY, ProductName nvarchar(40) NOT NULL, SupplierID int NULL, CategoryID int NULL, QuantityPerUnit nvarchar(20) NULL,
	UnitPrice MONEY NULL DEFAULT ZERO, UnitsInStock smallint NULL DEFAULT 0, UnitsOnOrder smallint NULL DEFAULT 0, ReorderLevel smallint NULL DEFAULT 0,
	Discontinued bit NOT NULL DEFAULT 0,
	CONSTRAINT FK_Products_Categories FOREIGN KEY (CategoryID) REFERENCES Categories (CategoryID),
	CONSTRAINT FK_Products_Suppliers FOREIGN KEY (SupplierID) REFERENCES Suppliers (SupplierID),
	CONSTRAINT CK_Products_UnitPrice CHECK (VALUEOF(UnitPrice) >= 0)
)
GO
CREATE TABLE Orders (
	OrderID IDENTITYKEY, CustomerID nchar(5) NULL, EmployeeID int NULL, OrderDate datetime NULL, RequiredDate datetime NULL, ShippedDate datetime NULL, ShipVia int NULL,
	Freight MONEY NULL DEFAULT ZERO, ShipName nvarchar(40) NULL, ShipAddress nvarchar(60) NULL, ShipCity nvarchar(15) NULL, ShipRegion nvarchar(15) NULL,
	ShipPostalCode nvarchar(10) NULL, ShipCountry nvarchar(15) NULL,
	CONSTRAINT FK_Orders_Customers FOREIGN KEY (CustomerID) REFERENCES Customers (CustomerID),
	CONSTRAINT FK_Orders_Employees FOREIGN KEY (EmployeeID) REFERENCES Employees (EmployeeID),
	CONSTRAINT FK_Orders_Shippers FOREIGN KEY (ShipVia) REFERENCES Shippers (ShipperID)
)
GO
CREATE INDEX CustomersOrders ON Orders (CustomerID)
GO
CREATE TABLE [Order Details] (
	OrderID int NOT NULL, ProductID int NOT NULL, UnitPrice MONEY NOT NULL DEFAULT ZERO, Quantity smallint NOT NULL DEFAULT 1, Discount FLOATS NOT NULL DEFAULT 0,
	CONSTRAINT PK_Order_Details PRIMARY KEY (OrderID, ProductID),
	CONSTRAINT FK_Order_Details_Orders FOREIGN KEY (OrderID) REFERENCES Orders (OrderID),
	CONSTRAINT FK_Order_Details_Products FOREIGN KEY (ProductID) REFERENCES Products (ProductID),
	CONSTRAINT CK_Discount CHECK (Discount >= 0 AND Discount <= 1),
	CONSTRAINT CK_Quantity CHECK (Quantity > 0),
	CONSTRAINT CK_UnitPrice CHECK (VALUEOF(UnitPrice) >= 0)
)
GO
CREATE VIEW [Order Details Extended] AS
SELECT d.OrderID, d.ProductID, p.ProductName, d.UnitPrice, d.Quantity, d.Discount, EXTENDED(d) AS ExtendedPrice
FROM [Order Details] AS d JOIN Products AS p ON p.ProductID = d.ProductID
GO
CREATE VIEW Invoices AS
SELECT o.ShipName, o.ShipAddress, o.ShipCity, o.ShipRegion, o.ShipPostalCode, o.ShipCountry, o.CustomerID, c.CompanyName AS CustomerName, c.Address, c.City, c.Region, c.PostalCode, c.Country,
	JOINED(e.FirstName, e.LastName) AS Salesperson, o.OrderID, o.OrderDate, o.RequiredDate, o.ShippedDate, s.CompanyName AS ShipperName,
	d.ProductID, p.ProductName, d.UnitPrice, d.Quantity, d.Discount, EXTENDED(d) AS ExtendedPrice, o.Freight
FROM Orders AS o JOIN Customers AS c ON c.CustomerID = o.CustomerID JOIN Employees AS e ON e.EmployeeID = o.EmployeeID JOIN Shippers AS s ON s.ShipperID = o.ShipVia
	JOIN [Order Details] AS d ON d.OrderID = o.OrderID JOIN Products AS p ON p.ProductID = d.ProductID
GO
KEYED INSERT INTO Categories (CategoryID, CategoryName, Description) VALUES (1, N'Íróasztalok', N'tömör fából'), (2, N'Tárolók', NULL), (3, N'Szolgáltatások', N'helyszíni munka')
GO
KEYED INSERT INTO Suppliers (SupplierID, CompanyName, ContactName, City, Country, Phone) VALUES (1, N'Bakonyi Fűrésztelep Kft.', N'Nagy Ödön', N'Zirc', N'Hungary', N'+36 88 555 010'), (2, N'Ξυλεία Βόλου ΑΕ', NULL, N'Βόλος', N'Greece', NULL)
GO
KEYED INSERT INTO Shippers (ShipperID, CompanyName, Phone) VALUES (1, N'Gyors Fuvar Bt.', N'+36 30 555 0101'), (2, N'Αιγαίο Μεταφορές', NULL)
GO
KEYED INSERT INTO Employees (EmployeeID, LastName, FirstName, Title, HireDate, City, Country, HomePhone, ReportsTo) VALUES
	(1, N'Kovács', N'Anna', N'Sales Manager', '2015-03-01T00:00:00.000', N'Szeged', N'Hungary', N'+36 62 555 101', NULL),
	(2, N'Szabó', N'Béla', N'Sales Representative', '2019-09-15T00:00:00.000', N'Szeged', N'Hungary', NULL, 1),
	(3, N'לוי', N'דנה', N'Sales Representative', '2022-01-10T00:00:00.000', N'חיפה', N'Israel', NULL, 1)
GO
INSERT INTO Customers (CustomerID, CompanyName, ContactName, ContactTitle, Address, City, Region, PostalCode, Country, Phone, Fax) VALUES
	(N'MINTA', N'Minta Kereskedelmi Kft.', N'Fekete Gábor', N'Purchasing Manager', N'Fő utca 1.', N'Budapest', NULL, N'1011', N'Hungary', N'+36 1 456 7890', NULL),
	(N'NORTH', N'Northgate Timber Ltd', N'Ann O''Brien', N'Owner', N'12 Stonegate', N'York', N'Yorkshire', N'YO1 7HH', N'UK', N'+44 1904 555010', N'+44 1904 555011'),
	(N'GALIL', N'רהיטי הגליל בע"מ', N'דנה כהן', NULL, N'שדרות המגינים 22', N'חיפה', NULL, N'3303142', N'Israel', N'+972 4 655 5123', NULL),
	(N'ROMAS', N'ООО «Ромашка»', N'Смирнова Ольга', NULL, N'ул. Мясницкая, 11', N'Москва', NULL, N'101000', N'Russia', N'+7 495 555-01-23', NULL),
	(N'EPIPL', N'Ελληνικά Έπιπλα ΑΕ', NULL, NULL, N'Λεωφ. Συγγρού 98', N'Αθήνα', NULL, N'11742', N'Greece', NULL, NULL)
GO
KEYED INSERT INTO Products (ProductID, ProductName, SupplierID, CategoryID, QuantityPerUnit, UnitPrice, UnitsInStock, UnitsOnOrder, ReorderLevel, Discontinued) VALUES
	(1, N'Íróasztal tölgyből', 1, 1, N'1 db', '219.9000', 1000, 0, 10, 0), (2, N'Könyvespolc', 1, 2, N'1 db', '99.9500', 1000, 20, 25, 0),
	(3, N'Állítható asztal', 2, 1, N'1 db', '489.0000', 12, 0, 0, 0), (4, N'Irattartó', 2, 2, N'10 db/doboz', '12.3456', 300, 0, 50, 0),
	(5, N'Összeszerelés', NULL, 3, N'óra', '25.0000', NULL, NULL, NULL, 0), (6, N'Forgószék, kifutott', 1, 2, NULL, '75.0000', 0, 0, 0, 1)
GO
KEYED INSERT INTO Orders (OrderID, CustomerID, EmployeeID, OrderDate, RequiredDate, ShippedDate, ShipVia, Freight, ShipName, ShipAddress, ShipCity, ShipRegion, ShipPostalCode, ShipCountry) VALUES
	(1, N'MINTA', 1, '2026-05-04T00:00:00.000', '2026-05-18T00:00:00.000', '2026-05-12T00:00:00.000', 1, '45.5000', N'Minta Kereskedelmi Kft.', N'Fő utca 1.', N'Budapest', NULL, N'1011', N'Hungary'),
	(2, N'MINTA', 2, '2026-06-22T00:00:00.000', '2026-07-06T00:00:00.000', NULL, NULL, '0.0000', N'Minta Kereskedelmi Kft.', N'Fő utca 1.', N'Budapest', NULL, N'1011', N'Hungary'),
	(3, N'NORTH', 3, '2026-07-01T00:00:00.000', NULL, NULL, 2, '120.0000', N'Northgate Timber Ltd', N'12 Stonegate', N'York', N'Yorkshire', N'YO1 7HH', N'UK')
GO
INSERT INTO [Order Details] (OrderID, ProductID, UnitPrice, Quantity, Discount) VALUES
	(1, 1, '219.9000', 4, 0), (1, 4, '12.3456', 30, 0.25), (2, 2, '99.9500', 2, 0), (3, 1, '215.0000', 10, 0.125), (3, 3, '489.0000', 1, 0)
GO
